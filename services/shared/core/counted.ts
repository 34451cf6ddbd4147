// A number with its noun, as people read it.

/** "1 file", "2 files". */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
