/** Chance as core sees it. */
export interface Random {
  /** A new UUIDv7, later ones sorting behind earlier ones of the same process. */
  id(): string;
  /** 256 random bits, base64url: what grants something. */
  secret(): string;
  /** A number from 0 (included) to 1 (excluded), for jitter; never for secrets. */
  fraction(): number;
}
