import { chromium } from 'playwright-core';
import { mkdtempSync } from 'node:fs';
const dir = mkdtempSync('/tmp/shot-');
const c = await chromium.launchPersistentContext(dir, { executablePath: '/usr/bin/chromium', headless: true, viewport: {width: 1200, height: 800}, args: ['--no-sandbox','--disable-gpu','--disable-background-networking','--disable-component-update','--no-first-run','--disable-sync'] });
const p = await c.newPage();
p.on('console', m => console.log('console', m.text())); p.on('pageerror', e => console.log('pageerror', e.message));
await p.goto('http://127.0.0.1:5199/');
await p.waitForTimeout(2500);
await p.screenshot({ path: '/tmp/shot1.png' });
for (const l of ['SET greeting "hello world"', 'GET greeting', 'HSET h a 1 b 2', 'HGETALL h', 'ZADD z 1.5 x 2 y', 'ZRANGE z 0 -1 WITHSCORES', 'LPUSH greeting x', 'INFO persistence']) { await p.keyboard.type(l); await p.keyboard.press('Enter'); await p.waitForTimeout(150); }
await p.waitForTimeout(800);
await p.screenshot({ path: '/tmp/shot2.png' });
await p.reload(); await p.waitForTimeout(2000);
await p.keyboard.type('GET greeting'); await p.keyboard.press('Enter'); await p.waitForTimeout(500);
await p.screenshot({ path: '/tmp/shot3.png' });
await c.close();
