import './picture-choice.css';
import { useRef } from 'preact/hooks';
import { words } from '../i18n/language.ts';
import { useAction } from './action.ts';
import { squareOf } from './picture-file.ts';

interface PictureChoiceProps {
  readonly has: boolean;
  /** Base64 of a file, or null to take it away. */
  readonly onChange: (picture: string | null) => Promise<void>;
}

/** Buttons below a picture: choose one, take it away. */
export function PictureChoice({ has, onChange }: PictureChoiceProps) {
  const { pictures } = words();
  const file = useRef<HTMLInputElement>(null);
  const { busy, run } = useAction();
  const choose = (chosen: File | undefined) => {
    if (file.current !== null) file.current.value = '';
    if (chosen !== undefined) run(async () => onChange(await squareOf(chosen)));
  };
  return (
    <div class="picture-choice">
      <input
        ref={file}
        type="file"
        accept="image/*"
        hidden
        data-picture-file
        aria-label={pictures.choose}
        onChange={(event) => choose(event.currentTarget.files?.[0])}
      />
      <button type="button" class="button plain" disabled={busy} onClick={() => file.current?.click()}>
        {has ? pictures.change : pictures.choose}
      </button>
      {has && (
        <button type="button" class="button plain" disabled={busy} onClick={() => run(() => onChange(null))}>
          {pictures.remove}
        </button>
      )}
    </div>
  );
}
