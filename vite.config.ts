import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { manifest } from './src/web/manifest.ts';
import { picturesCache } from './src/web/pictures-cache.ts';

export default defineConfig({
  root: 'src/web',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  plugins: [
    VitePWA({
      // The page registers the worker itself, and only where there is a secure context.
      injectRegister: false,
      registerType: 'prompt',
      manifest,
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg}', 'icons/icon-192.png'],
        navigateFallback: '/index.html',
        // Only the screens: documents and files of the server are never answered by the shell.
        navigateFallbackAllowlist: [/^\/(?:c|new|archive|join|sign-in|forgot|reset|confirm|settings)?(?:\/[^.]*)?$/],
        // What is behind a hash never changes.
        runtimeCaching: [
          {
            urlPattern: /\/avatars\/[0-9a-f]{64}$/,
            handler: 'CacheFirst',
            options: {
              cacheName: picturesCache,
              cacheableResponse: { statuses: [200] },
              expiration: { maxEntries: 1_000, maxAgeSeconds: 90 * 24 * 3_600, purgeOnQuotaError: true },
            },
          },
        ],
        cleanupOutdatedCaches: true,
        sourcemap: false,
      },
    }),
  ],
  server: {
    proxy: {
      '/api': 'http://localhost:8080',
      '/avatars': 'http://localhost:8080',
      '/socket': { target: 'ws://localhost:8080', ws: true },
    },
  },
});
