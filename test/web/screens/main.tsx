import { startApp } from '../../../src/web/start.tsx';
import { type DemoControls, makeDemoEngine, type Scenario } from './demo-engine.ts';

declare global {
  interface Window {
    /** Set before the page's scripts run, by who looks at the screens. */
    scenario?: Scenario;
    demo?: DemoControls;
  }
}

/** By hand: /?{"language":"ru","connection":"offline"} */
const typed = decodeURIComponent(location.search.slice(1));
const engine = makeDemoEngine(window.scenario ?? (typed.startsWith('{') ? (JSON.parse(typed) as Scenario) : {}));
window.demo = engine.demo;
startApp(engine, document.getElementById('app') ?? document.body);
