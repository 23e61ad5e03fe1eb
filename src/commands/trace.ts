import { Args, Flags } from '@oclif/core';
import type { Connection } from '../app/instance.ts';
import { Problem } from '../config/problem.ts';
import { type ConversationId, conversationId } from '../protocol/ids.ts';
import { limits } from '../protocol/limits.ts';
import type { Output } from '../protocol/operations.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { withInstance } from './terminal/instance.ts';
import { printTrace } from './terminal/trace-report.ts';

const { summary, description, args, flags } = wordsOf('en').commands.trace;

type Trace = Output<'message.trace'>;
interface Place {
  readonly conversationId: ConversationId;
  readonly seq: number;
}

/** Without `--all`. */
const fewMembers = 50;
const pageOfMembers = 200;

export default class TraceMessage extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> trace https://chat.example.org/c/019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f/42',
    '<%= config.bin %> trace 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f/42 --text --json',
  ];
  static override args = { message: Args.string({ description: args.message, required: true }) };
  static override flags = {
    text: Flags.boolean({ description: flags.text }),
    all: Flags.boolean({ description: flags.all }),
  };

  async run(): Promise<Trace> {
    const { args: given, flags: chosen } = await this.parse(TraceMessage);
    const home = this.open(chosen);
    const { tracing } = this.words.printing;
    const place = placeOf(given.message);
    if (place === null) throw new Problem('bad_answer', { flag: given.message, wanted: tracing.wanted });
    const trace = await withInstance(this.machine, home, async (connection) => {
      const first = await connection.call('message.trace', {
        ...place,
        text: chosen.text,
        limit: chosen.all ? pageOfMembers : fewMembers,
      });
      return chosen.all ? await whole(connection, place, first) : first;
    });
    printTrace(this.printer, this.words, this.typed, trace);
    return trace;
  }
}

async function whole(connection: Connection, place: Place, first: Trace): Promise<Trace> {
  const members = [...first.members];
  for (let { more } = first; more; ) {
    const after = members.at(-1)?.profile.userId ?? null;
    const page = await connection.call('message.trace', { ...place, after, limit: pageOfMembers });
    members.push(...page.members);
    more = page.more && page.members.length > 0;
  }
  return { ...first, members, more: false };
}

/** `/c/<id>/<seq>` with or without an address before it, or `<id>/<seq>`; null: neither. */
function placeOf(word: string): Place | null {
  const [, id = '', digits = ''] = /^(?:(?:https?:\/\/[^/]+)?\/c\/)?([^/]+)\/(\d{1,10})\/?$/.exec(word.trim()) ?? [];
  const parsed = conversationId.safeParse(id);
  const seq = Number(digits);
  return parsed.success && seq > 0 && seq <= limits.seq ? { conversationId: parsed.data, seq } : null;
}
