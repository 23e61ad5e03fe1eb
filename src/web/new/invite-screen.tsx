import './new.css';
import './invite.css';
import { useSignal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import type { Invite } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { longDate, words } from '../i18n/language.ts';
import { LinkReady } from '../links/link-ready.tsx';
import { useAction } from '../parts/action.ts';
import { Bar } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { Problem } from '../parts/notice.tsx';
import { paths } from '../routing/route.ts';
import { Choice } from '../settings/choice.tsx';

type Made = Output<'invite.create'>;

const several = 25;
const hours = { day: 24, week: 24 * 7, month: 24 * 30 } as const;

export function InviteScreen() {
  const engine = useEngine();
  const { invite } = words();
  const made = useSignal<Made | null>(null);
  const [open, reload] = useLoaded(() => engine.invites.list(), [made.value]);
  const refused = open.state === 'failed' && open.cause instanceof AppError && open.cause.code === 'forbidden';
  return (
    <main class="pane main-pane">
      <Bar title={invite.title} above={paths.new} />
      <div class="scroll">
        <div class="column invite">
          {refused && <Problem>{invite.notAllowed}</Problem>}
          {!refused && made.value === null && <Make onMade={(next) => (made.value = next)} />}
          {made.value !== null && <Ready made={made.value} onAnother={() => (made.value = null)} />}
          {open.state === 'failed' && !refused && <Problem>{failureText(open.cause)}</Problem>}
        </div>
        {open.state === 'ready' && open.value.length > 0 && <OpenInvites invites={open.value} onRevoked={reload} />}
      </div>
    </main>
  );
}

function Make({ onMade }: { onMade: (made: Made) => void }) {
  const engine = useEngine();
  const { invite } = words();
  const many = useSignal<'one' | 'many'>('one');
  const lasting = useSignal<keyof typeof hours>('week');
  const { busy, run } = useAction();
  const make = () =>
    run(async () => {
      onMade(
        await engine.invites.create({
          maxUses: many.peek() === 'one' ? 1 : several,
          expiresInHours: hours[lasting.peek()],
        }),
      );
    });
  return (
    <>
      <p class="soft">{invite.text}</p>
      <Choice
        title={invite.forHowMany}
        value={many.value}
        options={[
          ['one', invite.one],
          ['many', invite.many],
        ]}
        onChange={(value) => (many.value = value)}
      />
      <Choice
        title={invite.validFor}
        value={lasting.value}
        options={[
          ['day', invite.day],
          ['week', invite.week],
          ['month', invite.month],
        ]}
        onChange={(value) => (lasting.value = value)}
      />
      <button type="button" class="button main wide" disabled={busy} aria-busy={busy} onClick={make}>
        {invite.create}
      </button>
    </>
  );
}

function Ready({ made, onAnother }: { made: Made; onAnother: () => void }) {
  const { invite } = words();
  const { maxUses, expiresAt } = made.invite;
  const people = maxUses === 1 ? invite.readyOne : invite.readyMany(maxUses ?? 0);
  const until = expiresAt === null ? invite.never : invite.until(longDate(expiresAt));
  return (
    <LinkReady
      title={invite.ready}
      link={made.link}
      more={`${people} · ${until}`}
      another={invite.another}
      onAnother={onAnother}
    />
  );
}

function OpenInvites({ invites, onRevoked }: { invites: readonly Invite[]; onRevoked: () => void }) {
  const engine = useEngine();
  const { invite } = words();
  const { busy, run } = useAction();
  return (
    <section class="column">
      <h2 class="section-title">{invite.open}</h2>
      <ul>
        {invites.map((one) => {
          const what = describe(one);
          return (
            <li class="row" key={one.inviteId}>
              <Icon name="link" />
              <span class="row-main">
                {what.title}
                <span class="row-more">{what.more}</span>
              </span>
              <button
                type="button"
                class="button plain danger-text"
                disabled={busy}
                aria-label={invite.revokeLabel(`${what.title}, ${what.more}`)}
                onClick={() => run(() => engine.invites.revoke(one.inviteId).then(onRevoked))}
              >
                {invite.revoke}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function describe({ maxUses, uses, expiresAt, note }: Invite): { title: string; more: string } {
  const { invite } = words();
  const used = maxUses === null ? invite.usesAny(uses) : invite.uses(uses, maxUses);
  const until = expiresAt === null ? invite.never : invite.until(longDate(expiresAt));
  return note === '' ? { title: used, more: until } : { title: note, more: `${used}, ${until}` };
}
