import './apart.css';

/** What somebody wrote, shown as a thing that is spoken about. */
export function Quoted({ text }: { text: string }) {
  return (
    <blockquote class="quoted" dir="auto">
      {text}
    </blockquote>
  );
}
