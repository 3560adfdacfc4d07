/** How long to wait after so many failures in a row, from 1: each time twice as long, up to `most`. In the unit of `first`. */
export const exponential =
  (first: number, most: number) =>
  (failures: number): number =>
    Math.min(most, first * 2 ** Math.min(failures - 1, 40))

/** Between half of it and all, by a number in [0, 1): those who failed together do not come back together. */
export const jittered = (ms: number, random: () => number): number => ms * (0.5 + random() / 2)
