/** Reads a part of the console that nothing can be told without; while the network is away it waits and tries again. */
export async function untilRead<M>(read: () => Promise<M>): Promise<M> {
  for (;;) {
    try {
      return await read();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    }
  }
}
