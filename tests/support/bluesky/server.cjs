// Starts a PLC directory and a PDS, and where a database is given an AppView too, all on the
// loopback interface; prints one line of JSON with the addresses once all of them answer.
// Needs: TMPDIR, a folder of its own. Takes: BLUESKY_DATABASE, a PostgreSQL address.
'use strict'
const net = require('node:net')

// The servers of the test environment listen on all addresses unless they are told otherwise.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  const [first] = given
  if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
    const done = given.find((one) => typeof one === 'function')
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, done)
  }
  if (first && typeof first === 'object' && first.port !== undefined) {
    given[0] = { ...first, host: '127.0.0.1' }
  }
  return listen.apply(this, given)
}

const { TestPlc } = require('@atproto/dev-env/dist/plc.js')
const { TestPds } = require('@atproto/dev-env/dist/pds.js')
const { mockNetworkUtilities } = require('@atproto/dev-env/dist/util.js')

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject)
    probe.listen(0, () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

const start = async () => {
  const plc = await TestPlc.create({})
  const port = await freePort()
  const database = process.env.BLUESKY_DATABASE
  let appView
  if (database) {
    const { TestBsky } = require('@atproto/dev-env/dist/bsky.js')
    appView = await TestBsky.create({
      plcUrl: plc.url,
      pdsPort: port,
      repoProvider: `ws://localhost:${port}`,
      dbPostgresSchema: 'appview',
      dbPostgresUrl: database,
    })
  }
  const pds = await TestPds.create({
    port,
    hostname: 'localhost',
    didPlcUrl: plc.url,
    enableDidDocWithSession: true,
    ...(appView && { bskyAppViewUrl: appView.url, bskyAppViewDid: appView.ctx.cfg.serverDid }),
  })
  mockNetworkUtilities(pds, appView)
  return { pds: pds.url, appview: appView?.url ?? null, plc: plc.url }
}

// Whoever started this holds the other end of the input: it ends with them.
process.stdin.on('end', () => process.exit(0)).resume()

start().then(
  (addresses) => process.stdout.write(`${JSON.stringify(addresses)}\n`),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
