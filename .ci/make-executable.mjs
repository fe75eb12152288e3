// The compiler writes plain files; npm makes those of `bin` executable when it installs them, and nobody does in a clone.
import { chmodSync, readFileSync } from 'node:fs';

const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const file of Object.values(bin)) chmodSync(file, 0o755);
