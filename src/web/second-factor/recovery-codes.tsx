import './second-factor.css';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { copyText } from '../parts/clipboard.ts';
import { Icon } from '../parts/icon.tsx';
import { say } from '../parts/toast.tsx';

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

/** Codes that are shown once, and three ways to keep them. */
export function RecoveryCodes({ codes, onKept }: RecoveryCodesProps) {
  const { about, me } = useEngine();
  const { secondFactor, common } = words();
  const instance = about.value?.name ?? 'Messenger';
  const copy = () =>
    copyText(codes.join('\n')).then(
      (copied) => say(copied ? common.copied : secondFactor.copyByHand, { problem: !copied }),
      () => undefined,
    );
  const title = secondFactor.codesOf(instance);
  const owner = me.value?.name ?? '';
  return (
    <div class="recovery-codes">
      <p class="print-only">
        {title} {owner}
      </p>
      <ol class="recovery-list" aria-label={secondFactor.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="recovery-buttons">
        <button type="button" class="button" onClick={copy}>
          <Icon name="copy" size={20} />
          {common.copy}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => download('recovery-codes.txt', [`${title} ${owner}`.trim(), '', ...codes, ''].join('\n'))}
        >
          <Icon name="download" size={20} />
          {secondFactor.download}
        </button>
        <button type="button" class="button" onClick={() => print()}>
          <Icon name="printer" size={20} />
          {secondFactor.print}
        </button>
      </div>
      <button type="button" class="button main wide" onClick={onKept}>
        {secondFactor.kept}
      </button>
    </div>
  );
}

function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  // Safari reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
