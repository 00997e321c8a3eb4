// SPDX-License-Identifier: GPL-3.0-or-later
internal import Secrecy

/// A replay's result as one page without anything from outside.
struct HTMLReport {
    private let result: ReplayResult
    private let certificate: Certificate?

    init(_ result: ReplayResult, _ certificate: Certificate?) {
        self.result = result
        self.certificate = certificate
    }

    var page: String {
        let components = (certificate?.terms.components ?? []).map { c in
            "<tr><td>\(escape(c.name))</td><td>\(c.symbols)</td><td>\(c.bits)</td><td>\(c.helperBits)</td>"
                + "<td>\(rounded(c.correlation))</td><td>\(rounded(c.memoryCharge))</td><td>\(rounded(c.eveCharge))</td>"
                + "<td>\(rounded(c.deficit))</td><td>\(rounded(c.errorPatternCharge))</td></tr>"
        }.joined(separator: "\n")
        let health = (certificate?.health ?? []).map {
            "<tr><td>\(escape($0.name))</td><td>\($0.passed ? "pass" : "FAIL")</td><td>\(rounded($0.threshold))</td></tr>"
        }.joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>QWave replay</title>
            <style>body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
            table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.2em .6em;text-align:right}
            td:first-child,th:first-child{text-align:left}pre{background:#f4f4f4;padding:1em;overflow:auto}</style></head>
            <body><h1>QWave replay</h1>
            <pre>\(escape(result.text))</pre>
            <h2>Components</h2>
            <table><tr><th>component</th><th>symbols</th><th>M</th><th>B</th><th>ρ</th><th>past</th><th>Eve</th>
            <th>deficit</th><th>error pattern</th></tr>
            \(components)</table>
            <h2>Health tests</h2>
            <table><tr><th>test</th><th>result</th><th>threshold</th></tr>
            \(health)</table>
            <p>\(escape(certificate?.claim ?? "no key"))</p></body></html>
            """
    }

    private func rounded(_ value: Double) -> String { "\((value * 10000).rounded() / 10000)" }

    private func escape(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
