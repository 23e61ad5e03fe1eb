import './shell.css';
import { useEffect } from 'preact/hooks';
import { ConversationScreen } from './conversation/conversation-screen.tsx';
import { ConversationList } from './conversations/conversation-list.tsx';
import { QuickJump } from './conversations/quick-jump.tsx';
import { useEngine } from './engine-context.ts';
import { words } from './i18n/language.ts';
import { failureText } from './parts/failure.ts';
import { lazy } from './parts/lazy.tsx';
import { Notice } from './parts/notice.tsx';
import { say } from './parts/toast.tsx';
import { route } from './routing/navigation.ts';
import type { Route } from './routing/route.ts';
import { infoBeside, onScreen } from './screen-state.ts';
import { startShortcuts } from './shortcuts.ts';
import { isMac, threePanes, twoPanes } from './viewport.ts';

const Info = lazy(() => import('./info/info-screen.tsx').then((part) => part.InfoScreen));
const GroupLinks = lazy(() => import('./links/group-links-screen.tsx').then((part) => part.GroupLinksScreen));
const Link = lazy(() => import('./links/link-screen.tsx').then((part) => part.LinkScreen));
const New = lazy(() => import('./new/new-screen.tsx').then((part) => part.NewScreen));
const Reports = lazy(() => import('./administration/reports-screen.tsx').then((part) => part.ReportsScreen));
const Search = lazy(() => import('./search/search-screen.tsx').then((part) => part.SearchScreen));
const Security = lazy(() => import('./settings/security-screen.tsx').then((part) => part.SecurityScreen));
const Settings = lazy(() => import('./settings/settings-screen.tsx').then((part) => part.SettingsScreen));
const Webhooks = lazy(() => import('./webhooks/webhooks-screen.tsx').then((part) => part.WebhooksScreen));

/** The signed-in app: one pane on a phone, list and conversation from 900 px, info beside them from 1280 px. */
export function Shell() {
  const engine = useEngine();
  useEffect(() => startShortcuts(engine), [engine]);
  useEffect(() => onScreen.subscribe((screen) => engine.show(screen)), [engine]);
  useEffect(preloadWhenIdle, []);
  useEffect(
    () =>
      engine.refused.subscribe((error) => {
        if (error !== null) say(failureText(error), { problem: true });
      }),
    [engine],
  );
  const at = route.value;
  return (
    <div class="shell">
      {(twoPanes.value || at.page === 'list') && <ConversationList />}
      {(twoPanes.value || at.page !== 'list') && <Main at={at} />}
      <QuickJump />
    </div>
  );
}

function Main({ at }: { at: Route }) {
  switch (at.page) {
    case 'conversation': {
      if (at.info && !threePanes.value) return <Info key={at.id} id={at.id} />;
      return (
        <>
          <ConversationScreen key={at.id} id={at.id} seq={at.seq} find={at.find} />
          {threePanes.value && (infoBeside.value || at.info) && <Info key={`${at.id} info`} id={at.id} beside />}
        </>
      );
    }
    case 'search':
      return <Search />;
    case 'new':
      return <New step={at.step} />;
    case 'groupLinks':
      return <GroupLinks key={at.id} id={at.id} />;
    case 'webhooks':
      return <Webhooks key={at.id} id={at.id} />;
    case 'link':
      return <Link />;
    case 'reports':
      return <Reports id={at.id} />;
    case 'settings':
      return <Settings section={at.section} />;
    case 'security':
      return <Security key={at.part} part={at.part} />;
    default:
      return <NothingChosen />;
  }
}

function NothingChosen() {
  const { list } = words();
  return (
    <main class="pane main-pane nothing-chosen">
      <Notice icon="chat" title={list.pickOne}>
        <p>{isMac ? list.pickOneTextMac : list.pickOneText}</p>
      </Notice>
    </main>
  );
}

function preloadWhenIdle(): () => void {
  const timer = setTimeout(() => {
    for (const screen of [Info, New, Settings, Search]) screen.preload();
  }, 3_000);
  return () => clearTimeout(timer);
}
