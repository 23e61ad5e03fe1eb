import type { ConversationId, ReportId } from '../../protocol/ids.ts';

export const settingsPages = [
  'profile',
  'security',
  'privacy',
  'sessions',
  'appearance',
  'language',
  'storage',
  'about',
] as const;
export type SettingsPage = (typeof settingsPages)[number];

const steps = ['people', 'group', 'channel', 'invite'] as const;
export const securityParts = ['password', 'email', 'authenticator', 'passkeys', 'recovery-codes'] as const;
export type SecurityPart = (typeof securityParts)[number];

export type Route =
  | { readonly page: 'list'; readonly archive: boolean }
  | {
      readonly page: 'conversation';
      readonly id: ConversationId;
      readonly seq: number | null;
      readonly info: boolean;
      /** Messages of it are looked for. */
      readonly find: boolean;
    }
  | { readonly page: 'search' }
  | { readonly page: 'new'; readonly step: (typeof steps)[number] }
  | { readonly page: 'join' }
  /** A link into a group. */
  | { readonly page: 'link' }
  | { readonly page: 'groupLinks'; readonly id: ConversationId }
  | { readonly page: 'webhooks'; readonly id: ConversationId }
  | { readonly page: 'reports'; readonly id: ReportId | null }
  | { readonly page: 'signIn' }
  | { readonly page: 'forgot' }
  | { readonly page: 'reset' }
  | { readonly page: 'confirm' }
  | { readonly page: 'settings'; readonly section: SettingsPage | null }
  | { readonly page: 'security'; readonly part: SecurityPart };

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const list: Route = { page: 'list', archive: false };

/** Every address leads somewhere: what is not known leads to the list. */
export function parseRoute(path: string): Route {
  const [first, second, third] = path.split('/').filter((part) => part !== '');
  switch (first) {
    case 'c':
      return second !== undefined && uuid.test(second) ? conversationRoute(second as ConversationId, third) : list;
    case 'archive':
      return { page: 'list', archive: true };
    case 'search':
      return { page: 'search' };
    case 'new':
      return { page: 'new', step: steps.find((step) => step === second) ?? 'people' };
    case 'join':
      return { page: 'join' };
    case 'j':
      return { page: 'link' };
    case 'admin':
      return { page: 'reports', id: third !== undefined && uuid.test(third) ? (third as ReportId) : null };
    case 'sign-in':
      return { page: 'signIn' };
    case 'forgot':
    case 'reset':
    case 'confirm':
      return { page: first };
    case 'settings':
      return settingsRoute(second, third);
    default:
      return list;
  }
}

function conversationRoute(id: ConversationId, rest: string | undefined): Route {
  if (rest === 'links') return { page: 'groupLinks', id };
  if (rest === 'webhooks') return { page: 'webhooks', id };
  const seq = rest !== undefined && /^[1-9]\d{0,14}$/.test(rest) ? Number(rest) : null;
  return { page: 'conversation', id, seq, info: rest === 'info', find: rest === 'find' };
}

function settingsRoute(section: string | undefined, rest: string | undefined): Route {
  const part = section === 'security' ? securityParts.find((each) => each === rest) : undefined;
  if (part !== undefined) return { page: 'security', part };
  return { page: 'settings', section: settingsPages.find((page) => page === section) ?? null };
}

export const paths = {
  list: '/',
  archive: '/archive',
  conversation: (id: ConversationId, seq?: number) => (seq === undefined ? `/c/${id}` : `/c/${id}/${seq}`),
  info: (id: ConversationId) => `/c/${id}/info`,
  find: (id: ConversationId) => `/c/${id}/find`,
  /** What is looked for stands behind the #, so that it reaches no server's log. */
  search: (ask = '') => (ask === '' ? '/search' : `/search#${ask}`),
  new: '/new',
  newGroup: '/new/group',
  newChannel: '/new/channel',
  invite: '/new/invite',
  join: '/join',
  link: (secret: string) => `/j#${secret}`,
  groupLinks: (id: ConversationId) => `/c/${id}/links`,
  webhooks: (id: ConversationId) => `/c/${id}/webhooks`,
  reports: (id?: ReportId) => (id === undefined ? '/admin/reports' : `/admin/reports/${id}`),
  signIn: '/sign-in',
  forgot: '/forgot',
  reset: '/reset',
  confirm: '/confirm',
  settings: (page?: SettingsPage) => (page === undefined ? '/settings' : `/settings/${page}`),
  security: (part: SecurityPart) => `/settings/security/${part}`,
} as const;

/** How deep a screen lies, so that moving on and moving back can look different. */
export function depthOf(route: Route): number {
  switch (route.page) {
    case 'list':
      return route.archive ? 0.5 : 0;
    case 'search':
      return 0.7;
    case 'conversation':
      return route.info ? 2 : 1;
    case 'new':
      return route.step === 'people' ? 1 : 2;
    case 'settings':
      return route.section === null ? 1 : 2;
    case 'reports':
      return route.id === null ? 2 : 3;
    case 'groupLinks':
    case 'webhooks':
    case 'security':
      return 3;
    default:
      return 0;
  }
}
