import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { isMac, touch } from '../viewport.ts';

export function About() {
  const engine = useEngine();
  const { settings, missing } = words();
  const about = engine.about.value;
  const { keys } = settings;
  const control = isMac ? '⌘' : 'Ctrl';
  const alt = isMac ? '⌥' : 'Alt';
  return (
    <div class="settings-block">
      <dl class="settings-facts">
        <dt>{settings.server}</dt>
        <dd>
          <bdi>{about?.name ?? location.host}</bdi>
        </dd>
        <dt>{settings.address}</dt>
        <dd>
          <bdi>{about?.address ?? location.origin}</bdi>
        </dd>
        <dt>{settings.version}</dt>
        <dd>{about?.version ?? ''}</dd>
      </dl>
      <p class="soft">{settings.readable}</p>
      {engine.missing.value.secureContext && (
        <p class="soft">
          {missing.text} {missing.remedy}
        </p>
      )}
      {!touch.value && (
        <section>
          <h2 class="settings-title">{settings.keyboard}</h2>
          <dl class="settings-keys">
            <Key keys={['Enter']} text={keys.send} />
            <Key keys={['Shift', 'Enter']} text={keys.line} />
            <Key keys={['↑']} text={keys.edit} />
            <Key keys={['Esc']} text={keys.cancel} />
            <Key keys={[control, 'K']} text={keys.jump} />
            <Key keys={[alt, '↑ ↓']} text={keys.next} />
          </dl>
        </section>
      )}
      <p class="field-hint">{settings.source}</p>
    </div>
  );
}

function Key({ keys, text }: { keys: readonly string[]; text: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{text}</dd>
    </div>
  );
}
