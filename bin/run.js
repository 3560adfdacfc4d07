// `node bin/run.js tools/test.ts …`: a script of the project, from a bare clone.
const { launch } = require('./launch.js')

const [entry, ...args] = process.argv.slice(2)
launch(entry, args)
