/** A picture file. */
export interface Picture {
  readonly type: 'image/webp' | 'image/jpeg' | 'image/png';
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Pictures of people and groups, each once, by what they are. People and conversations name theirs. */
export interface AvatarStore {
  /** Answers its SHA-256, in hex. Twice does no harm. */
  put(picture: Picture): Promise<string>;
  find(hash: string): Promise<Picture | null>;
  /** Forgets those that neither a person nor a conversation names and that nobody stored since a time. */
  prune(storedBefore: number): Promise<void>;
}
