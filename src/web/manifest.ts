import type { ManifestOptions } from 'vite-plugin-pwa';

/** What the system shows of the installed app. */
export const manifest: Partial<ManifestOptions> = {
  id: '/',
  name: 'Messenger',
  short_name: 'Messenger',
  description: 'Talk with your people, on your own server.',
  start_url: '/',
  scope: '/',
  display: 'standalone',
  background_color: '#ffffff',
  theme_color: '#ffffff',
  categories: ['social', 'communication'],
  icons: [
    { src: '/icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
    { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
  shortcuts: [
    {
      name: 'New conversation',
      short_name: 'New',
      url: '/new',
      icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }],
    },
    {
      name: 'Invite a person',
      short_name: 'Invite',
      url: '/new/invite',
      icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }],
    },
  ],
};
