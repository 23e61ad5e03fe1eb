import './link-screen.css';
import { AppError } from '../../protocol/errors.ts';
import type { Output } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Bar } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { Notice } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { fragment, navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';

/** Opened from a link into a group, /j#SECRET: shows where it leads, and joins. */
export function LinkScreen() {
  const engine = useEngine();
  const { links, common, join } = words();
  const secret = fragment.value;
  const [looked, again] = useLoaded(() => look(secret, engine.links.look), [secret]);
  const isRefused = looked.state === 'failed' && looked.cause instanceof AppError && isFinal(looked.cause);
  return (
    <main class="pane main-pane">
      <Bar title={links.looking} above={paths.list} />
      <div class="scroll">
        <div class="column link-place">
          {looked.state === 'loading' && <Skeleton rows={3} />}
          {looked.state === 'ready' && <Found found={looked.value} secret={secret} />}
          {looked.state === 'failed' && (
            <Notice icon={isRefused ? 'link' : 'warning'} title={isRefused ? links.useless : words().errors.title}>
              <p>{failureText(looked.cause)}</p>
              {isRefused ? (
                <a class="button" href={paths.list}>
                  {join.toConversations}
                </a>
              ) : (
                <button type="button" class="button" onClick={again}>
                  {common.tryAgain}
                </button>
              )}
            </Notice>
          )}
        </div>
      </div>
    </main>
  );
}

const isFinal = ({ code }: AppError) => code === 'forbidden' || code === 'not_found' || code === 'invalid';

async function look(secret: string, ask: (secret: string) => Promise<Output<'link.look'>>) {
  if (secret === '') throw new AppError('forbidden', 'group_link_invalid');
  return await ask(secret);
}

function Found({ found, secret }: { found: Output<'link.look'>; secret: string }) {
  const engine = useEngine();
  const { links, conversation } = words();
  const { busy, run } = useAction();
  const { title, memberCount, description, avatar, member, conversationId } = found;
  const enter = () =>
    run(async () => {
      const id = await engine.links.join(secret);
      navigate(paths.conversation(id), { replace: true });
    });
  return (
    <>
      <Avatar id={conversationId} picture={avatar} name={title} kind="group" size="huge" />
      <h2 class="link-title">
        <bdi>{title}</bdi>
      </h2>
      <p class="soft">{conversation.members(memberCount)}</p>
      {description !== '' && (
        <p class="link-description" dir="auto">
          {description}
        </p>
      )}
      <p>{member ? links.member : links.joinQuestion}</p>
      {member ? (
        <a class="button main wide" href={paths.conversation(conversationId)}>
          {links.to}
        </a>
      ) : (
        <button type="button" class="button main wide" disabled={busy} aria-busy={busy} onClick={enter}>
          {links.join}
        </button>
      )}
    </>
  );
}
