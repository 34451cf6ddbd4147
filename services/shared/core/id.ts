// Numbers and names that stand for something: mixing two of them up does not compile.
//
// They are made where a number enters the program (a message, the journal) or is drawn (the driver's core), and nowhere
// else. A range is a plain number on purpose: it is counted, sliced and looped over.

declare const brand: unique symbol;

type Id<Name extends string, Base> = Base & { readonly [brand]: Name };

/** Number of a job in its run, from 1. */
export type JobNumber = Id<"JobNumber", number>;
/** Number of a grant in its job, from 1; only grows, so a higher one is younger. Ranges and merge groups share the count. */
export type GrantNumber = Id<"GrantNumber", number>;
/** Number of a merge group in its job, from 1. */
export type GroupNumber = Id<"GroupNumber", number>;
/** Number of a session in its run, from 1, for all time. */
export type SessionNumber = Id<"SessionNumber", number>;
/** One start of a driver on a workdir, from 1. */
export type Epoch = Id<"Epoch", number>;

export const jobNumber = (value: number): JobNumber => value as JobNumber;
export const grantNumber = (value: number): GrantNumber => value as GrantNumber;
export const groupNumber = (value: number): GroupNumber => value as GroupNumber;
export const sessionNumber = (value: number): SessionNumber => value as SessionNumber;
export const epochNumber = (value: number): Epoch => value as Epoch;
