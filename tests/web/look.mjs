// Looks at a page: axe's WCAG 2.2 AA rules in light and dark, and pictures for people (SHOTS: their folder). Needs NODE_MODULES.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const require = createRequire(`${process.env.NODE_MODULES || process.cwd()}/`);
const axeText = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export async function look(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${colorScheme}.png` });
    await page.evaluate(axeText);
    const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), rules);
    assert.deepEqual(violations.map((v) => `${name} ${colorScheme} ${v.id}: ${v.nodes[0].html}`), []);
  }
}
