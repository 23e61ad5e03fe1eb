import { describe, expect, test } from 'vitest';
import type { ConversationId, ReportId } from '../../src/protocol/ids.ts';
import { parseRoute, paths } from '../../src/web/routing/route.ts';

const id = '019a0000-0000-7000-8000-000000000001' as ConversationId;

describe('every screen has an address', () => {
  test.each([
    ['/', { page: 'list', archive: false }],
    [paths.archive, { page: 'list', archive: true }],
    [paths.conversation(id), { page: 'conversation', id, seq: null, info: false, find: false }],
    [paths.conversation(id, 42), { page: 'conversation', id, seq: 42, info: false, find: false }],
    [paths.info(id), { page: 'conversation', id, seq: null, info: true, find: false }],
    [paths.find(id), { page: 'conversation', id, seq: null, info: false, find: true }],
    [paths.search(), { page: 'search' }],
    [paths.new, { page: 'new', step: 'people' }],
    [paths.newGroup, { page: 'new', step: 'group' }],
    [paths.newChannel, { page: 'new', step: 'channel' }],
    [paths.invite, { page: 'new', step: 'invite' }],
    [paths.join, { page: 'join' }],
    ['/j', { page: 'link' }],
    [paths.groupLinks(id), { page: 'groupLinks', id }],
    [paths.reports(), { page: 'reports', id: null }],
    [paths.reports(id as string as ReportId), { page: 'reports', id }],
    [paths.settings('privacy'), { page: 'settings', section: 'privacy' }],
    [paths.signIn, { page: 'signIn' }],
    [paths.forgot, { page: 'forgot' }],
    [paths.reset, { page: 'reset' }],
    [paths.confirm, { page: 'confirm' }],
    [paths.settings(), { page: 'settings', section: null }],
    [paths.settings('sessions'), { page: 'settings', section: 'sessions' }],
    [paths.settings('security'), { page: 'settings', section: 'security' }],
    [paths.security('recovery-codes'), { page: 'security', part: 'recovery-codes' }],
    ['/settings/security/nonsense', { page: 'settings', section: 'security' }],
  ])('%s', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
    expect(parseRoute(`${path}/`.replace('//', '/'))).toEqual(route);
  });

  test.each(['/nowhere', '/c', '/c/not-an-id', '/c/../../etc', '//'])('%s leads to the list', (path) => {
    expect(parseRoute(path)).toEqual({ page: 'list', archive: false });
  });

  test.each(['0', '-1', '1e5', '99999999999999999999', 'x'])('seq %s is none', (seq) => {
    expect(parseRoute(`/c/${id}/${seq}`)).toMatchObject({ page: 'conversation', seq: null });
  });
});
