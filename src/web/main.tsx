import { makeEngine } from './engine/make-engine.ts';
import { startApp } from './start.tsx';

startApp(makeEngine(), document.getElementById('app') ?? document.body);
