// What a HiPS says of itself, where its tiles are, and which server is asked: against the HiPS standard and cdshealpix.
import { describe, expect, test } from "vitest";
import { galactic, nestedPixel } from "../sky/healpix";
import { folderAddress, kindOf, knownSurvey, type Refusal, readProperties, tileAt } from "../sky/hips";
import { fetchHips, isThere } from "../sky/hips_fetch";
import { expected } from "./expected";

// As CDS serves it, cut to what is read.
const DSS = `# a comment
creator_did          = ivo://CDS/P/DSS2/color
obs_title            = DSS colored
obs_copyright        = Digitized Sky Survey - STScI/NASA, Colored & Healpixed by CDS
hips_version         = 1.4
hips_order           = 9
hips_frame           = equatorial
hips_tile_format     = jpeg
hips_tile_width      = 512\r
`;

const never = new AbortController().signal;

describe("the sphere", () => {
  test("pixels are those of cdshealpix", () => {
    for (const { ra, dec, pixels } of expected.healpix)
      for (const [order, pixel] of pixels)
        expect([ra, dec, order, nestedPixel(order, ra, dec)]).toEqual([ra, dec, order, pixel]);
  });

  test("galactic coordinates are astropy's", () => {
    for (const { ra, dec, l, b } of expected.healpix) {
      const [lon, lat] = galactic(ra, dec);
      expect(Math.abs(lat - b)).toBeLessThan(1e-5);
      const apart = Math.abs(((lon - l + 540) % 360) - 180) * Math.cos((b * Math.PI) / 180);
      expect(apart).toBeLessThan(1e-5);
    }
  });
});

describe("properties", () => {
  test("are read as the standard writes them", () => {
    expect(readProperties(DSS)).toEqual({
      title: "DSS colored",
      credit: "Digitized Sky Survey - STScI/NASA, Colored & Healpixed by CDS",
      order: 9,
      minOrder: 0,
      frame: "equatorial",
      tileSize: 512,
      format: "jpeg",
      formats: ["jpeg"],
      skyFraction: undefined,
      bitpix: undefined,
      cuts: undefined,
    });
  });

  test.each([
    ["jpeg fits", "jpeg"],
    ["png, jpeg", "png"],
    ["webp png", "webp"],
    ["fits", "fits"],
    ["jpg", "jpeg"],
  ])("of tiles as %s, %s is taken", (formats, format) => {
    expect(readProperties(DSS.replace("= jpeg", `= ${formats}`)).format).toBe(format);
  });

  test("FITS tiles have cuts and a type of pixels", () => {
    const text = `${DSS}hips_pixel_cut = -1.5 3e2\nhips_pixel_bitpix = -64\nhips_order_min = 3\nmoc_sky_fraction = 0.25`;
    expect(readProperties(text)).toMatchObject({ cuts: [-1.5, 300], bitpix: -64, minOrder: 3, skyFraction: 0.25 });
    expect(readProperties(`${DSS}hips_pixel_cut = 3 1`).cuts).toBeUndefined();
  });

  test.each([
    ["<html>Not here</html>", "no HiPS"],
    [DSS.replace("= 9", "= many"), "no HiPS"],
    [DSS.replace("equatorial", "mars"), "mars"],
    [`${DSS}hips_body = mars`, "equatorial"],
    [DSS.replace("= jpeg", "= tsv"), "tsv"],
  ])("that cannot be used are refused (%#)", (text, words) => {
    expect(() => readProperties(text)).toThrow(words);
  });
});

test("a tile is where the standard has it", () => {
  const hips = readProperties(DSS);
  const pixel = nestedPixel(3, 83.82, -5.39);
  expect(tileAt("https://a.org/b", hips, [83.82, -5.39])).toBe(`https://a.org/b/Norder3/Dir0/Npix${pixel}.jpg`);
  const deep = readProperties(DSS.replace("equatorial", "galactic").concat("hips_order_min = 8"));
  const far = nestedPixel(8, ...galactic(200, -60));
  expect(tileAt("https://a.org/b", deep, [200, -60])).toContain(
    `Norder8/Dir${Math.floor(far / 1e4) * 1e4}/Npix${far}.jpg`,
  );
});

test("a survey is named in four ways", () => {
  const known = [{ identifier: "CDS/P/DSS2/color", name: "DSS2", addresses: [], credit: "" }];
  for (const name of ["CDS/P/DSS2/color", "P/DSS2/color", "ivo://CDS/P/DSS2/color"])
    expect(knownSurvey(name, known)?.name).toBe("DSS2");
  expect(knownSurvey("DSS2", known)).toBeUndefined();
  expect(["https://a.org/P/x", "CDS/P/x", "ivo://org/any", "images/m33"].map(kindOf)).toEqual([
    "address",
    "identifier",
    "identifier",
    "folder",
  ]);
  expect(folderAddress("./my images/m33/", "/user/me/", "http://host:1")).toBe(
    "http://host:1/user/me/files/my%20images/m33",
  );
});

/** Servers by their hosts: what they answer, how late in ms, or nothing. */
function servers(answers: Record<string, [status: number, text: string] | "dead" | "silent">) {
  const asked: string[] = [];
  const get = async (address: string, { signal }: RequestInit) => {
    asked.push(address);
    const answer = answers[new URL(address).host];
    if (answer === "silent")
      await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    if (!Array.isArray(answer)) throw new TypeError("Failed to fetch");
    return new Response(answer[1], { status: answer[0] });
  };
  return { asked, get };
}

describe("mirrors", () => {
  const both = ["https://one.org/x/", "https://two.org/x", "https://three.org/x"];

  test("the first that answers is taken", async () => {
    const { asked, get } = servers({ "one.org": [200, DSS] });
    expect((await fetchHips("DSS2", both, never, 1, get)).address).toBe("https://one.org/x");
    expect(asked).toEqual(["https://one.org/x/properties"]);
  });

  test.each([
    ["dead" as const],
    ["silent" as const],
    [[404, ""] as [number, string]],
    [[200, "<html>"] as [number, string]],
  ])("the second is asked where the first is %s", async (first) => {
    const { asked, get } = servers({ "one.org": first, "two.org": [200, DSS] });
    expect((await fetchHips("DSS2", both, never, 0.2, get)).address).toBe("https://two.org/x");
    expect(asked).toHaveLength(2);
  });

  test("no more than two are asked, in the time that is given, and words say of each why", async () => {
    const { asked, get } = servers({ "one.org": "silent", "two.org": "dead", "three.org": [200, DSS] });
    const start = performance.now();
    const refusal: Refusal = await fetchHips("DSS2", both, never, 0.3, get).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(performance.now() - start).toBeLessThan(500);
    expect(asked).toHaveLength(2);
    expect(refusal.what).toBe("DSS2 is not shown");
    expect(refusal.why).toMatch(/^one\.org did not answer in time; two\.org could not be reached/);
  });

  test("another choice ends it", async () => {
    const gone = new AbortController();
    const { asked, get } = servers({ "one.org": "silent", "two.org": [200, DSS] });
    const asking = fetchHips("DSS2", both, gone.signal, 5, get);
    gone.abort();
    await expect(asking).rejects.toThrow(/abort/i);
    expect(asked).toHaveLength(1);
  });
});

test("a first tile is there, is not, or its server fails", async () => {
  const { get } = servers({ "has.org": [200, "tile"], "none.org": [404, ""], "ill.org": [503, ""] });
  expect(await isThere("x", "https://has.org/t.png", never, 1, get)).toBe(true);
  expect(await isThere("x", "https://none.org/t.png", never, 1, get)).toBe(false);
  await expect(isThere("x", "https://ill.org/t.png", never, 1, get)).rejects.toThrow("ill.org answered 503");
  await expect(isThere("x", "https://dead.org/t.png", never, 1, get)).rejects.toThrow("could not be reached");
});
