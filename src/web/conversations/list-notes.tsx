import type { ComponentChildren } from 'preact';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { newVersion } from '../service-worker.ts';

/** What the person should know about this app, said where it is in nobody's way. One note at a time. */
export function ListNotes() {
  const engine = useEngine();
  const { app, common, missing, outdated } = words();
  const lacks = engine.missing.value;
  const load = newVersion.value;
  if (engine.outdated.value) {
    return (
      <Note title={outdated.title} button={app.reload} onButton={load ?? (() => location.reload())}>
        <p>{outdated.text}</p>
      </Note>
    );
  }
  if (load !== null) return <Note title={app.newVersion} button={app.reload} onButton={load} />;
  if (lacks.told || !(lacks.secureContext || lacks.storage)) return null;
  return (
    <Note
      title={lacks.secureContext ? missing.title : words().settings.storage}
      button={common.understood}
      onButton={() => engine.preferences.toldMissing()}
    >
      {lacks.secureContext && (
        <>
          <p>{missing.text}</p>
          <p>{missing.remedy}</p>
        </>
      )}
      {lacks.storage && <p>{missing.storage}</p>}
    </Note>
  );
}

interface NoteProps {
  readonly title: string;
  readonly button: string;
  readonly onButton: () => void;
  readonly children?: ComponentChildren;
}

function Note({ title, button, onButton, children }: NoteProps) {
  return (
    <section class="list-note">
      <h2>{title}</h2>
      {children}
      <button type="button" class="button" onClick={onButton}>
        {button}
      </button>
    </section>
  );
}
