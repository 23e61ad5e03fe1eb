import type { Platform } from '../../ports/platform.ts';
import type { Account } from '../../protocol/models.ts';
import { may } from '../../protocol/roles.ts';
import type { Letters } from './letters.ts';
import { bounds, takes } from './throttling.ts';

/** Tells those who may approve accounts that somebody waits: at most once an hour, however many do. */
export type AskForApproval = (name: string) => Promise<void>;

const accountsPage = 500;

export function makeAskForApproval(
  { users, limiter, mailer }: Platform,
  parts: { readonly letters: Letters },
): AskForApproval {
  async function* approvers(): AsyncGenerator<Account> {
    for (let after = ''; ; ) {
      const found = await users.list({ query: '', state: 'active', after, limit: accountsPage });
      yield* found.filter(({ role, email }) => email !== null && may(role, 'manage_users'));
      const last = found.at(-1);
      if (last === undefined || found.length < accountsPage) return;
      after = last.name;
    }
  }

  return async (name) => {
    if (!mailer.on || !(await takes(limiter, bounds.approvalLetters))) return;
    for await (const approver of approvers()) await parts.letters.write(approver, { kind: 'approval_wanted', name });
  };
}
