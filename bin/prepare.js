// The last step of `npm ci` and `npm install`: an installation ends with the program converted. One without a Node for it is none the worse.
const { convert, findNode } = require('./launch.js')

const node = findNode()
if (node !== undefined) convert(node)
