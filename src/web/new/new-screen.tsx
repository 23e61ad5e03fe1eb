import type { Route } from '../routing/route.ts';
import { GroupScreen } from './group-screen.tsx';
import { InviteScreen } from './invite-screen.tsx';
import { PeopleScreen } from './people-screen.tsx';

export function NewScreen({ step }: { step: Extract<Route, { page: 'new' }>['step'] }) {
  switch (step) {
    case 'people':
      return <PeopleScreen />;
    case 'group':
      return <GroupScreen key="group" />;
    case 'channel':
      return <GroupScreen key="channel" channel />;
    case 'invite':
      return <InviteScreen />;
  }
}
