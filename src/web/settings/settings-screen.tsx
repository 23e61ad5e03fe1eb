import './settings.css';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Role } from '../../protocol/roles.ts';
import { useEngine } from '../engine-context.ts';
import { catalogues, type Language, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Bar } from '../parts/bar.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Name, nameOf } from '../parts/name.tsx';
import { Question } from '../parts/question.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths, type SettingsPage, settingsPages } from '../routing/route.ts';
import { About } from './about.tsx';
import { Choice } from './choice.tsx';
import { PrivacySettings } from './privacy-settings.tsx';
import { ProfileSettings } from './profile-settings.tsx';
import { Security } from './security.tsx';
import { Sessions } from './sessions.tsx';
import { StorageSettings } from './storage-settings.tsx';

export function SettingsScreen({ section }: { section: SettingsPage | null }) {
  const { settings } = words();
  return (
    <main class="pane main-pane">
      <Bar
        key={section}
        title={section === null ? settings.title : settings[section]}
        above={section === null ? paths.list : paths.settings()}
      />
      <div class="scroll">
        <div class="column settings">{section === null ? <Overview /> : <Page section={section} />}</div>
      </div>
    </main>
  );
}

const icons = {
  profile: 'person',
  security: 'shield',
  privacy: 'eyeOff',
  sessions: 'device',
  appearance: 'palette',
  language: 'globe',
  storage: 'disk',
  about: 'info',
} as const satisfies Record<SettingsPage, IconName>;

/** As the server's table of permissions has it, which the client does not carry. */
const moderators: ReadonlySet<Role> = new Set(['owner', 'admin', 'moderator']);

function Overview() {
  const engine = useEngine();
  const { settings, reports } = words();
  const me = engine.me.value;
  const leaving = useSignal(false);
  const { run } = useAction();
  return (
    <>
      {me !== null && (
        <a class="row settings-me" href={paths.settings('profile')}>
          <Avatar id={me.userId} picture={me.avatar} name={nameOf(me)} />
          <span class="row-main">
            <span class="settings-name">
              <Name of={me} cut />
            </span>
            <span class="row-more">
              <bdi class="cut">{me.name}</bdi>
            </span>
          </span>
          <Icon name="forward" size={20} />
        </a>
      )}
      {settingsPages
        .filter((page) => page !== 'profile')
        .map((page) => (
          <a class="row" key={page} href={paths.settings(page)}>
            <Icon name={icons[page]} />
            <span class="row-main">{settings[page]}</span>
            <Present page={page} />
            <Icon name="forward" size={20} />
          </a>
        ))}
      {me !== null && moderators.has(me.role) && (
        <section>
          <h2 class="section-title">{settings.administration}</h2>
          <a class="row" href={paths.reports()}>
            <Icon name="flag" />
            <span class="row-main">{reports.list}</span>
            <Icon name="forward" size={20} />
          </a>
        </section>
      )}
      <button type="button" class="row danger" onClick={() => (leaving.value = true)}>
        <Icon name="leave" />
        <span class="row-main">{settings.signOut}</span>
      </button>
      {leaving.value && (
        <Question
          title={settings.signOutSure}
          text={settings.signOutText}
          yes={settings.signOut}
          onClose={() => (leaving.value = false)}
          onYes={() =>
            run(async () => {
              await engine.auth.signOut();
              navigate(paths.signIn, { replace: true });
            })
          }
        />
      )}
    </>
  );
}

/** What is chosen at present, beside the way to change it. */
function Present({ page }: { page: SettingsPage }): ComponentChildren {
  const { preferences } = useEngine();
  const { settings, languageName } = words();
  if (page === 'appearance') return <span class="row-more">{settings.themes[preferences.theme.value]}</span>;
  if (page === 'language') return <span class="row-more">{languageName}</span>;
  return null;
}

function Page({ section }: { section: SettingsPage }) {
  const { preferences, about } = useEngine();
  const { settings } = words();
  switch (section) {
    case 'profile':
      return <ProfileSettings />;
    case 'security':
      return <Security />;
    case 'privacy':
      return <PrivacySettings />;
    case 'sessions':
      return <Sessions />;
    case 'appearance':
      return (
        <div class="settings-block">
          <Choice
            title={settings.theme}
            value={preferences.theme.value}
            options={(['system', 'light', 'dark'] as const).map((theme) => [theme, settings.themes[theme]] as const)}
            onChange={preferences.setTheme}
          />
        </div>
      );
    case 'language':
      return (
        <div class="settings-block">
          <Choice
            title={settings.language}
            value={preferences.language.value}
            options={(Object.keys(catalogues) as Language[]).map(
              (name) => [name, catalogues[name].languageName] as const,
            )}
            onChange={preferences.setLanguage}
          />
          {about.value?.mail && <p class="field-hint">{settings.languageText}</p>}
        </div>
      );
    case 'storage':
      return <StorageSettings />;
    case 'about':
      return <About />;
  }
}
