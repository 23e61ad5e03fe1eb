import * as z from 'zod';

/** What an export looks like on disk. docs/export.md describes it. */
export const manifestName = 'manifest.json';
const formats = ['messenger-instance', 'messenger-person'] as const;

/** The newest version of the format that this program reads. */
export const readableVersion = 1;

const count = z.int().nonnegative();

export const manifest = z.object({
  format: z.enum(formats),
  version: z.int().positive(),
  exportedAt: z.int().nonnegative(),
  instanceName: z.string(),
  address: z.string(),
  /** Lines by type. */
  counts: z.record(z.string(), count),
  files: z.array(
    z.object({ name: z.string().regex(/^[a-z0-9-]+\.jsonl$/), lines: count, bytes: count, sha256: z.string() }),
  ),
});
export type Manifest = z.infer<typeof manifest>;

/** One line of an export. */
export type Line = { readonly type: string } & Readonly<Record<string, unknown>>;
