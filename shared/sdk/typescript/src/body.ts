import { received } from "./errors.ts";

/** ByteSource yields an answer's body in pieces. */
export interface ByteSource {
  read(): Promise<{ done: boolean; value?: Uint8Array | string | undefined }>;
  cancel(): Promise<void>;
}

/**
 * Returns an answer's body. A fetch that cannot stream, like React Native's, has
 * no `body`: then the whole text is one piece, once it is complete.
 */
export function bodyOf(response: Response): { source: ByteSource; live: boolean } {
  // Missing if fetch cannot stream, null for an answer without a body.
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
