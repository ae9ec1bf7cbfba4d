/** Waits for something that real sockets bring about, turn by turn of the event loop and without a clock. */
export const until = async (holds: () => boolean, turns = 200_000): Promise<void> => {
  for (let turn = 0; !holds(); turn++) {
    if (turn === turns) throw new Error('what was waited for did not happen')
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
