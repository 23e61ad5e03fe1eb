import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { Connection } from '../app/instance.ts';
import { Problem } from '../config/problem.ts';
import type { Manifest } from '../protocol/export-format.ts';
import { openArchive } from '../provision/transfer/archive-reader.ts';
import { folderShelf, packedShelf, type Shelf, tarShelf, writeArchive } from '../provision/transfer/archive-writer.ts';
import { numberIn } from '../provision/words/format.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { withInstance } from './terminal/instance.ts';
import { rarely } from './terminal/rarely.ts';

const { summary, description, flags } = wordsOf('en').commands.export;

export default class Export extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> export --to family-2026',
    '<%= config.bin %> export --user anna --to anna.tar.gz',
    '<%= config.bin %> export --check family-2026',
    '<%= config.bin %> export --to - | ssh host "cat > family.tar.gz"',
  ];
  static override flags = {
    to: Flags.string({ description: flags.to, helpValue: 'FOLDER|FILE.tar.gz|-' }),
    user: Flags.string({ description: flags.user, helpValue: 'NAME' }),
    check: Flags.string({ description: flags.check, helpValue: 'FOLDER|FILE', exclusive: ['to', 'user'] }),
  };

  async run(): Promise<{ to: string; manifest: Manifest } | { checked: string; manifest: Manifest } | undefined> {
    const { flags: asked } = await this.parse(Export);
    if (asked.check !== undefined) return this.#check(resolve(asked.check));
    const { to } = asked;
    if (to === undefined) throw new Problem('needs_answer', { flag: '--to' });
    const home = this.open(asked);
    const isPiped = to === '-';
    if (isPiped && this.jsonEnabled()) throw new Problem('bad_answer', { flag: '--to', wanted: 'FOLDER, FILE.tar.gz' });
    const { transfer } = this.words.printing;
    const tell = rarely((entries: number) => {
      if (!isPiped) this.printer.line(transfer.progress(numberIn(this.words.language, entries)));
    });
    const manifest = await withInstance(this.machine, home, async (connection) => {
      const shelf = await shelfFor(to, () => this.machine.now());
      return writeArchive(shelf, linesOf(connection, asked.user), ({ entry = 0 }) => tell(entry));
    });
    const { person = 0, conversation = 0, entry = 0, account = 0 } = manifest.counts;
    if (isPiped) return undefined;
    this.printer.done(transfer.exported(person + account, conversation, entry, resolve(to)));
    return { to: resolve(to), manifest };
  }

  async #check(path: string) {
    const facts = await this.machine.look(path);
    if (facts === null) throw new Problem('file_missing', { path });
    const { manifest } = await openArchive(path, facts.kind === 'folder' ? 'folder' : 'packed');
    const { entry = 0 } = manifest.counts;
    this.printer.done(this.words.printing.transfer.checked(manifest.files.length, entry));
    return { checked: path, manifest };
  }
}

async function shelfFor(to: string, now: () => number): Promise<Shelf> {
  if (to === '-') return packedShelf(process.stdout, now);
  return /\.(tar\.gz|tgz)$/.test(to) ? tarShelf(resolve(to), now) : folderShelf(resolve(to));
}

async function* linesOf(connection: Connection, user: string | undefined): AsyncGenerator<string> {
  let cursor: string | null = null;
  do {
    const page: { readonly lines: readonly string[]; readonly cursor: string | null } =
      user === undefined
        ? await connection.call('export.read', { cursor })
        : await connection.call('user.export', { user, cursor });
    yield* page.lines;
    cursor = page.cursor;
  } while (cursor !== null);
}
