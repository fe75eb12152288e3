import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/parts.css';
import './styles/shell.css';
import './styles/overview.css';
import './styles/runs.css';
import './styles/graph.css';
import './styles/timeline.css';
import './styles/run.css';
import './styles/plans.css';
import { App } from './app/app.js';
import { StartTrouble } from './app/start-trouble.js';
import { startClock } from './state/clock.js';
import { loadConfig } from './state/config.js';
import { preferScheme, startScheme } from './state/scheme.js';

const root = document.getElementById('app')!;

startScheme();
loadConfig().then(
  ({ theme }) => {
    preferScheme(theme.scheme);
    startClock();
    render(<App />, root);
  },
  (error: unknown) => render(<StartTrouble error={error} />, root),
);
