// What both ends of a connection of the run agree on.

/** Largest message that is taken in: hellos and jobs with many inputs are large, everything else is batched below 64 KB. */
export const messageBytesMax = 64 * 1024 * 1024;
