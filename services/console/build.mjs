// Bundles the console into dist/: hashed assets, gzipped beside, the page that names them, the paths
// under which the service answers with it, and the licences of what others wrote in it.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { build as bundle, context } from "esbuild";

const OUT = "dist";
const watch = process.argv.includes("--watch");

async function licences(inputs) {
  const found = inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const packages = [...new Set(found.filter(Boolean))].sort();
  const texts = packages.map(async (name) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? await readFile(`${folder}/${file}`, "utf8") : "No text comes with it.";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

const TARGET = ["es2022", "chrome117", "firefox115", "safari16.4"];

/** The service worker has the same address in each release, as browsers ask for it there. */
const worker = () =>
  bundle({
    entryPoints: ["src/data/pushed.ts"],
    bundle: true,
    minify: !watch,
    target: TARGET,
    outdir: OUT,
    logLevel: "warning",
  });

const page = {
  name: "page",
  setup(build) {
    build.onStart(() => rm(`${OUT}/assets`, { recursive: true, force: true }));
    build.onEnd(async (result) => {
      if (result.errors.length > 0) return;
      const names = Object.keys(result.metafile.outputs).map((path) => basename(path));
      const named = (pattern) => names.find((name) => pattern.test(name));
      const template = await readFile("index.html", "utf8");
      const html = template
        .replace("%SCRIPT%", `/assets/${named(/^main-.*\.js$/)}`)
        .replace("%WORKER%", `/assets/${named(/^worker-.*\.js$/)}`)
        .replace("%STYLE%", `/assets/${named(/^main-.*\.css$/)}`);
      for (const name of await readdir(`${OUT}/assets`)) {
        const squeezed = await promisify(gzip)(await readFile(`${OUT}/assets/${name}`), {
          level: 9,
        });
        await writeFile(`${OUT}/assets/${name}.gz`, squeezed);
      }
      await worker();
      for (const file of await readdir("src/app"))
        await copyFile(`src/app/${file}`, `${OUT}/${file}`);
      const paths = (await readdir("src/pages")).map((file) => file.replace(/\.tsx$/, ""));
      await writeFile(`${OUT}/pages.json`, JSON.stringify(paths.sort()));
      await writeFile(`${OUT}/index.html`, html);
      await writeFile(`${OUT}/licences.txt`, await licences(Object.keys(result.metafile.inputs)));
    });
  },
};

await mkdir(OUT, { recursive: true });
const building = await context({
  entryPoints: ["src/main.tsx", "src/data/worker.ts"],
  bundle: true,
  splitting: true,
  minify: !watch,
  format: "esm",
  target: TARGET,
  jsx: "automatic",
  define: { "process.env.NODE_ENV": watch ? '"development"' : '"production"' },
  loader: { ".geojson": "file" },
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  outdir: `${OUT}/assets`,
  publicPath: "/assets",
  metafile: true,
  logLevel: "warning",
  plugins: [page],
});
if (watch) await building.watch();
else {
  try {
    await building.rebuild();
  } catch {
    process.exitCode = 1; // esbuild has said why
  }
  await building.dispose();
}
