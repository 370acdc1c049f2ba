import { received } from "./errors.ts";

/** ByteSource gives an answer's body piece by piece. */
export interface ByteSource {
  read(): Promise<{ done: boolean; value?: Uint8Array | string | undefined }>;
  cancel(): Promise<void>;
}

/**
 * Returns an answer's body. A fetch that cannot stream, as React Native's, has
 * no `body`: there the whole text comes as one piece, once it is complete.
 */
export function bodyOf(response: Response): { source: ByteSource; live: boolean } {
  // Missing where fetch cannot stream, null for an answer that has none.
  const stream: ReadableStream<Uint8Array> | null | undefined = response.body;
  if (typeof stream?.getReader === "function") {
    const reader = stream.getReader();
    return { source: { read: () => received(reader.read(), response.url), cancel: () => reader.cancel() }, live: true };
  }
  let taken = false;
  return {
    source: {
      read: async () => {
        if (taken) {
          return { done: true };
        }
        taken = true;
        return { done: false, value: await received(response.text(), response.url) };
      },
      cancel: async () => {},
    },
    live: false,
  };
}
