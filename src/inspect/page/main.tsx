import 'uplot/dist/uPlot.min.css';
import { render } from 'preact';
import { chartRules } from '../chart-drawing.ts';
import { App } from './app.tsx';
import { Session } from './session.ts';
import './style/base.css';
import './style/head.css';
import './style/cluster.css';
import './style/chart.css';
import './style/sequence.css';
import './style/figures.css';
import { startTheme } from './theme.ts';

// The same rules as in files: a style sheet that is built here needs no leave to be inline.
const sheet = new CSSStyleSheet();
sheet.replaceSync(chartRules);
document.adoptedStyleSheets = [sheet];
startTheme();

const page = document.getElementById('page');
if (page) render(<App session={new Session()} />, page);
