// @vladmandic/human and @vladmandic/face-api as sides: read paths, answer "faces milliseconds".
// usage: node tfjs_side.js human|face-api-ssd|face-api-tiny
// Both run on TensorFlow.js' WebAssembly backend with SIMD, one thread: the fastest that needs no binary from outside npm.
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');
const readline = require('readline');
const folder = process.env.NODE_PATH;
const sharp = require('sharp');
const wasm = require('@tensorflow/tfjs-backend-wasm');

sharp.concurrency(1);
sharp.cache(false);
wasm.setWasmPaths(path.join(folder, '@tensorflow/tfjs-backend-wasm/dist/'));
wasm.setThreadsCount(1);

async function decode(tf, bytes) {
  const { data, info } = await sharp(bytes).rotate().removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return tf.tensor3d(new Uint8Array(data), [info.height, info.width, info.channels], 'int32');
}

// human fetches its models by HTTP only on this backend: its own folder is served to it.
function serve(root) {
  return new Promise((resolve) => {
    const server = http.createServer((request, response) => fs.createReadStream(path.join(root, path.basename(request.url))).pipe(response));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

async function human() {
  const { Human } = require(path.join(folder, '@vladmandic/human/dist/human.node-wasm.js'));
  const server = await serve(path.join(folder, '@vladmandic/human/models'));
  const side = new Human({
    backend: 'wasm', modelBasePath: `http://127.0.0.1:${server.address().port}/`, wasmPath: path.join(folder, '@tensorflow/tfjs-backend-wasm/dist/'),
    debug: false, warmup: 'none', cacheSensitivity: 0, filter: { enabled: false }, gesture: { enabled: false },
    body: { enabled: false }, hand: { enabled: false }, object: { enabled: false }, segmentation: { enabled: false },
    face: { enabled: true, detector: { maxDetected: 100 }, mesh: { enabled: false }, iris: { enabled: false },
      emotion: { enabled: false }, description: { enabled: true }, antispoof: { enabled: false }, liveness: { enabled: false } },
  });
  await side.init();
  await side.load();
  server.close();
  return { tf: side.tf, find: async (tensor) => (await side.detect(tensor)).face.filter((face) => face.embedding && face.embedding.length).length };
}

async function faceApi(detector) {
  const api = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const models = path.join(folder, '@vladmandic/face-api/model');
  await api.tf.setBackend('wasm');
  await api.tf.ready();
  const net = detector === 'tiny' ? api.nets.tinyFaceDetector : api.nets.ssdMobilenetv1;
  for (const one of [net, api.nets.faceLandmark68Net, api.nets.faceRecognitionNet]) await one.loadFromDisk(models);
  const options = detector === 'tiny' ? new api.TinyFaceDetectorOptions() : new api.SsdMobilenetv1Options();
  return { tf: api.tf, find: async (tensor) => (await api.detectAllFaces(tensor, options).withFaceLandmarks().withFaceDescriptors()).length };
}

async function main() {
  const side = process.argv[2] === 'human' ? await human() : await faceApi(process.argv[2].replace('face-api-', ''));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const bytes = fs.readFileSync(line);
    const begin = performance.now();
    const tensor = await decode(side.tf, bytes);
    const faces = await side.find(tensor);
    side.tf.dispose(tensor);
    process.stdout.write(`${faces} ${(performance.now() - begin).toFixed(4)}\n`);
  }
}

main().catch((error) => { process.stderr.write(`${error.stack}\n`); process.exit(1); });
