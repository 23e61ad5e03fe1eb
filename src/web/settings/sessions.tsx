import { useSignal } from '@preact/signals';
import type { Session } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { momentAgo, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { failureText } from '../parts/failure.ts';
import { useFreeFocus } from '../parts/free-focus.ts';
import { Icon } from '../parts/icon.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { isolated } from '../parts/name.tsx';
import { Problem } from '../parts/notice.tsx';
import { Question } from '../parts/question.tsx';
import { RenamingSheet } from '../parts/renaming-sheet.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { say } from '../parts/toast.tsx';

const longestName = 100;

type Asked =
  | { readonly for: 'session'; readonly session: Session }
  | { readonly for: 'name'; readonly session: Session }
  | { readonly for: 'all' };

/** Where I am signed in. */
export function Sessions() {
  const engine = useEngine();
  const [loaded, reload] = useLoaded(() => engine.auth.sessions(), []);
  if (loaded.state === 'loading') return <Skeleton rows={3} />;
  if (loaded.state === 'ready') return <Devices sessions={loaded.value} onChanged={reload} />;
  return (
    <div class="settings-block">
      <Problem>{failureText(loaded.cause)}</Problem>
      <button type="button" class="button" onClick={reload}>
        {words().common.tryAgain}
      </button>
    </div>
  );
}

function Devices({ sessions, onChanged }: { sessions: readonly Session[]; onChanged: () => void }) {
  const engine = useEngine();
  const { settings } = words();
  const { busy, run } = useAction();
  const asked = useSignal<Asked | null>(null);
  // The row that had the focus went away.
  const heading = useFreeFocus<HTMLHeadingElement>([sessions.length]);
  const others = sessions.filter((session) => !session.current);
  const ask = (next: Asked | null) => {
    asked.value = next;
  };
  const signOut = (work: () => Promise<number>) => {
    ask(null);
    run(async () => {
      say(settings.closed(await work()));
      onChanged();
    });
  };
  const row = (session: Session) => (
    <Device key={session.sessionId} session={session} onChosen={() => ask({ for: 'session', session })} />
  );
  const now = asked.value;
  return (
    <>
      <h2 class="section-title">{settings.thisDevice}</h2>
      <ul>{sessions.filter((session) => session.current).map(row)}</ul>
      <h2 class="section-title" ref={heading} tabIndex={-1}>
        {settings.otherDevices}
      </h2>
      {others.length === 0 && <p class="settings-note soft">{settings.noOthers}</p>}
      <ul>{others.map(row)}</ul>
      {others.length > 0 && (
        <button type="button" class="row danger" disabled={busy} onClick={() => ask({ for: 'all' })}>
          <Icon name="leave" />
          <span class="row-main">{settings.closeAll}</span>
        </button>
      )}
      {now?.for === 'session' && (
        <DeviceSheet
          session={now.session}
          busy={busy}
          onRename={(session) => ask({ for: 'name', session })}
          onSignOut={({ sessionId }) => signOut(() => engine.auth.closeSession(sessionId).then(() => 1))}
          onClose={() => ask(null)}
        />
      )}
      {now?.for === 'name' && <RenameDevice session={now.session} onRenamed={onChanged} onClose={() => ask(null)} />}
      {now?.for === 'all' && (
        <Question
          title={settings.closeAllSure}
          text={settings.closeAllText}
          yes={settings.closeSession}
          onClose={() => ask(null)}
          onYes={() => signOut(() => engine.auth.closeOtherSessions())}
        />
      )}
    </>
  );
}

const deviceOf = ({ device }: Session): string => device || words().settings.unknownDevice;

function Device({ session, onChosen }: { session: Session; onChosen: () => void }) {
  const { settings } = words();
  return (
    <li>
      <button type="button" class="row" aria-haspopup="dialog" onClick={onChosen}>
        <Icon name="device" />
        <span class="row-main">
          <bdi class="device-name">{deviceOf(session)}</bdi>
          <span class="row-more">{settings.lastSeen(momentAgo(session.lastSeenAt), session.addressHint)}</span>
        </span>
        <Icon name="dots" />
      </button>
    </li>
  );
}

interface DeviceSheetProps {
  readonly session: Session;
  readonly busy: boolean;
  readonly onRename: (session: Session) => void;
  readonly onSignOut: (session: Session) => void;
  readonly onClose: () => void;
}

function DeviceSheet({ session, busy, onRename, onSignOut, onClose }: DeviceSheetProps) {
  const { settings } = words();
  return (
    <Sheet label={settings.actionsFor(isolated(deviceOf(session)))} onClose={onClose}>
      <div class="sheet-text">
        <h2>
          <bdi>{deviceOf(session)}</bdi>
        </h2>
        <p class="soft">{settings.signedInSince(momentAgo(session.createdAt))}</p>
      </div>
      <button type="button" class="row" disabled={busy} onClick={() => onRename(session)}>
        <Icon name="pencil" />
        <span class="row-main">{settings.rename}</span>
      </button>
      {!session.current && (
        <button type="button" class="row danger" disabled={busy} onClick={() => onSignOut(session)}>
          <Icon name="leave" />
          <span class="row-main">{settings.closeSession}</span>
        </button>
      )}
    </Sheet>
  );
}

interface RenameDeviceProps {
  readonly session: Session;
  readonly onRenamed: () => void;
  readonly onClose: () => void;
}

function RenameDevice({ session, onRenamed, onClose }: RenameDeviceProps) {
  const engine = useEngine();
  const { settings } = words();
  return (
    <RenamingSheet
      title={settings.rename}
      label={settings.deviceName}
      name={deviceOf(session)}
      maxLength={longestName}
      onName={async (device) => {
        await engine.auth.renameSession(session.sessionId, device);
        onRenamed();
      }}
      onClose={onClose}
    />
  );
}
