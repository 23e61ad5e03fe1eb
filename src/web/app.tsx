import { useEffect } from 'preact/hooks';
import { useEngine } from './engine-context.ts';
import { words } from './i18n/language.ts';
import { keepLink, takeLink } from './links/waiting-link.ts';
import { lazy } from './parts/lazy.tsx';
import { Skeleton } from './parts/skeleton.tsx';
import { Toast } from './parts/toast.tsx';
import { fragment, navigate, route } from './routing/navigation.ts';
import { paths } from './routing/route.ts';
import { Shell } from './shell.tsx';

const Join = lazy(() => import('./join/join-screen.tsx').then((part) => part.JoinScreen));
const Forgot = lazy(() => import('./join/forgot-screen.tsx').then((part) => part.ForgotScreen));
const Reset = lazy(() => import('./join/reset-screen.tsx').then((part) => part.ResetScreen));
const Confirm = lazy(() => import('./join/confirm-screen.tsx').then((part) => part.ConfirmScreen));
const SignIn = lazy(() => import('./join/sign-in-screen.tsx').then((part) => part.SignInScreen));

export function App() {
  return (
    <>
      <Screen />
      <Toast />
    </>
  );
}

function Starting() {
  return (
    <main class="pane">
      <h1 class="hidden-visually">{words().list.title}</h1>
      <Skeleton />
    </main>
  );
}

function Screen() {
  const phase = useEngine().phase.value;
  const { page } = route.value;
  useEffect(() => {
    if (phase === 'signed_out' && page === 'link') keepLink(fragment.peek());
    if (phase !== 'signed_in') return;
    const waiting = takeLink();
    if (waiting !== null && page !== 'link') navigate(paths.link(waiting), { replace: true });
    else if (page === 'signIn' || page === 'forgot') navigate(paths.list, { replace: true });
  }, [phase, page]);
  if (phase === 'starting') return <Starting />;
  if (page === 'join') return <Join />;
  if (page === 'reset') return <Reset />;
  if (page === 'confirm') return <Confirm />;
  if (page === 'forgot' && phase === 'signed_out') return <Forgot />;
  if (phase === 'signed_out') return <SignIn />;
  return <Shell />;
}
