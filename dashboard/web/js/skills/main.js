import { render } from 'preact';
import { html } from '../html.js';
import { Page } from './page.js';
import { RegistryStore } from './store.js';

const store = new RegistryStore();
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${Page} store=${store} />`, root);
window.consciousBot = { registry: store };
store.start();
