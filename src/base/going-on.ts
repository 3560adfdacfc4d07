/** Lets those who have just been told go on: their next work is done in so many awaits, before anything else is heard. */
export async function goingOn(awaits: number): Promise<void> {
  for (let n = 0; n < awaits; n++) await undefined
}
