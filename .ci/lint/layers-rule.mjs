import path from 'node:path';
import { refusal } from './layers.mjs';

const posix = (file) => file.split(path.sep).join('/');

/** A type-only import or export is erased: it is no dependency at run time. */
function isTypeOnly(node) {
  if (node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType') return true;
  const specifiers = node.specifiers ?? [];
  return specifiers.length > 0 && specifiers.every((s) => s.importKind === 'type' || s.exportKind === 'type');
}

/** ESLint rule: applies the table of `layers.mjs` to every static, dynamic and type import and every re-export. */
export const layersRule = {
  meta: {
    type: 'problem',
    docs: { description: 'keep the layers of lib/ apart' },
    schema: [],
    messages: { refused: '{{reason}}' },
  },
  create(context) {
    const file = posix(path.relative(context.cwd, context.filename));
    const check = (node, source) => {
      if (typeof source?.value !== 'string') return;
      const isFile = source.value.startsWith('.');
      const target = isFile ? posix(path.join(path.dirname(file), source.value)) : source.value;
      const reason = refusal(file, target, { isFile, isType: isTypeOnly(node) });
      if (reason) context.report({ node: source, messageId: 'refused', data: { reason } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
    };
  },
};
