#!/usr/bin/env python3
"""Files of the page as the binary serves them: compression, caching, the reference, the pages about findings."""
import glob
import gzip
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = sqlopt_test.Server()
        cls.server.__enter__()
        cls.page = cls.server.get("/", headers=BROWSER).body.decode()
        cls.built = "/assets/" in cls.page

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)

    def get(self, path, status=200, **headers):
        reply = self.server.get(path, headers={**BROWSER, **{k.replace("_", "-"): v for k, v in headers.items()}})
        self.assertEqual(reply.status, status, path)
        return reply

    def test_built_without_the_page_it_says_so(self):
        if not self.built:
            self.assertIn("make build", self.page)
            self.assertIn("/openapi.json", self.page)
        self.assertIn("<html", self.page)

    def test_every_file_that_the_page_names_is_there(self):
        for page in ("/", "/docs", "/redoc", "/connections/3"):
            for path in re.findall(r'(?:src|href)="(/[^"]+\.[a-z0-9]+)"', self.get(page).body.decode()):
                if path != "/openapi.json":
                    self.get(path)

    def test_compression_and_caching(self):
        for path in re.findall(r'"(/assets/[^"]+)"', self.page):
            plain, packed = self.get(path), self.get(path, Accept_Encoding="gzip")
            self.assertEqual(packed.headers["Content-Encoding"], "gzip")
            self.assertEqual(gzip.decompress(packed.body), plain.body)
            self.assertIsNone(plain.headers["Content-Encoding"])
            self.assertIn("immutable", plain.headers["Cache-Control"])
            self.assertIn("Accept-Encoding", plain.headers["Vary"])
            self.assertEqual(self.get(path, 304, If_None_Match=plain.headers["ETag"]).body, b"")
            self.get(path, 200, If_None_Match='"another"')
        if self.built:
            self.assertEqual(self.get("/").headers["Cache-Control"], "no-cache")

    def test_findings_pages(self):
        names = [os.path.basename(f)[:-3] for f in glob.glob(sqlopt_test.ROOT + "/docs/findings/*.md")]
        self.assertTrue(names)
        for name in names:
            reply = self.get("/docs/findings/" + name)
            self.assertIn("text/html", reply.headers["Content-Type"])
            self.assertIn(b"<h1>", reply.body)
        self.get("/docs/findings/none", 404)

    def test_nothing_comes_from_elsewhere(self):
        for path in ("/", "/docs", "/redoc"):
            reply = self.get(path)
            self.assertEqual(re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', reply.body.decode()), [])
            self.assertEqual(re.findall(r"<script(?![^>]*\ssrc=)", reply.body.decode()), [])
            self.assertIn("frame-ancestors 'none'", reply.headers["Content-Security-Policy"])


sqlopt_test.main()
