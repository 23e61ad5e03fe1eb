import type { Session } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { momentAgo, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';

/** Where I am signed in. */
export function Sessions() {
  const engine = useEngine();
  const { settings, common } = words();
  const [loaded, reload] = useLoaded(() => engine.auth.sessions(), []);
  const { busy, run } = useAction();
  if (loaded.state === 'loading') return <Skeleton rows={3} />;
  if (loaded.state === 'failed') {
    return (
      <div class="settings-block">
        <Problem>{failureText(loaded.cause)}</Problem>
        <button type="button" class="button" onClick={reload}>
          {common.tryAgain}
        </button>
      </div>
    );
  }
  const others = loaded.value.filter((session) => !session.current);
  return (
    <>
      <h2 class="section-title">{settings.thisDevice}</h2>
      <ul>
        {loaded.value
          .filter((session) => session.current)
          .map((session) => (
            <Device key={session.sessionId} session={session} />
          ))}
      </ul>
      <h2 class="section-title">{settings.otherDevices}</h2>
      {others.length === 0 && <p class="settings-none soft">{settings.noOthers}</p>}
      <ul>
        {others.map((session) => (
          <Device
            key={session.sessionId}
            session={session}
            busy={busy}
            onClose={() => run(() => engine.auth.closeSession(session.sessionId).then(reload))}
          />
        ))}
      </ul>
    </>
  );
}

function Device({ session, busy = false, onClose }: { session: Session; busy?: boolean; onClose?: () => void }) {
  const { settings } = words();
  const device = session.device || settings.unknownDevice;
  return (
    <li class="row">
      <Icon name="device" />
      <span class="row-main">
        <bdi class="device-name">{device}</bdi>
        <span class="row-more">{settings.lastSeen(momentAgo(session.lastSeenAt), session.addressHint)}</span>
      </span>
      {onClose !== undefined && (
        <button
          type="button"
          class="button plain danger-text"
          disabled={busy}
          aria-label={settings.closeLabel(device)}
          onClick={onClose}
        >
          {settings.closeSession}
        </button>
      )}
    </li>
  );
}
