// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Radio

/// What USRP radios need of this machine. Without a radio nothing here is a failure.
enum RadioChecks {
    /// libuhd is built in, and of a version that will do.
    static func library() -> Finding {
        do throws(QWaveError) {
            return Finding("libuhd", .good, try USRPSurvey.library())
        } catch {
            return Finding(
                "libuhd", .warning, "\(error)",
                advice: "only USRP radios need it; virtual radios and captures work without")
        }
    }

    /// The USRPs that answer.
    static func devices(
        find: () throws(QWaveError) -> [String] = { () throws(QWaveError) in try USRPSurvey.devices() }
    ) -> Finding {
        guard USRPSurvey.isBuiltIn else {
            return Finding(
                "radios", .warning, "no USRP can be looked for without libuhd",
                advice:
                    "where one is to be used: run Scripts/setup, then build without --disable-default-traits")
        }
        do throws(QWaveError) {
            let found = try find()
            guard !found.isEmpty else {
                return Finding(
                    "radios", .warning, "no USRP answers",
                    advice:
                        "where one should: check power and cable; give a network device's address with --radio "
                        + "addr=…; a USB device needs its images (uhd_images_downloader) and permission")
            }
            let free = found.filter { !$0.contains("claimed=True") }
            return Finding(
                "radios", free.isEmpty ? .warning : .good, found.joined(separator: "; "),
                advice: free.isEmpty ? "all are in use by other programs: end those" : nil)
        } catch {
            return Finding(
                "radios", .warning, "\(error)", advice: "run uhd_find_devices and mend what it says")
        }
    }

    /// Socket buffers that outlast a busy moment: the sizes that UHD asks the system for.
    static func buffers(
        read: (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }
    ) -> Finding {
        let wanted = [("rmem_max", 33_554_432), ("wmem_max", 2_500_000)]
        var small: [String] = []
        var details: [String] = []
        for (name, least) in wanted {
            let text = read("/proc/sys/net/core/\(name)")?.filter(\.isNumber) ?? ""
            guard let size = Int(text) else {
                details.append("\(name) unknown")
                continue
            }
            details.append("\(name) \(size)")
            if size < least { small.append("net.core.\(name)=\(least)") }
        }
        let advice = "a network radio above 1 MS/s loses samples when the host is busy: as root sysctl -w "
        return Finding(
            "buffers", small.isEmpty ? .good : .warning, "socket buffers: " + details.joined(separator: ", "),
            advice: small.isEmpty ? nil : advice + small.joined(separator: " "))
    }

    /// Whether the radio's thread may run before others.
    static func priority() -> Finding {
        var limit = rlimit()
        let isAllowed =
            geteuid() == 0
            || (unsafe getrlimit(__rlimit_resource_t(__RLIMIT_RTPRIO.rawValue), &limit) == 0
                && limit.rlim_cur > 0)
        return Finding(
            "priority", isAllowed ? .good : .warning,
            isAllowed ? "threads may take real-time priority" : "threads may not take real-time priority",
            advice: isAllowed
                ? nil
                : "--radio …,priority=0.5 needs it, where bursts come late on a busy host: put '@usrp - rtprio 99' into /etc/security/limits.d/uhd.conf, join "
                    + "the group usrp, and log in again")
    }

    /// Devices of Ettus Research (2500) and National Instruments (3923) on USB, and whether this user may open them.
    static func permission(in folder: String = "/sys/bus/usb/devices") -> Finding {
        func value(_ device: String, _ name: String) -> String {
            let text = try? String(contentsOfFile: "\(folder)/\(device)/\(name)", encoding: .utf8)
            return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        }
        let devices = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            ["2500", "3923"].contains(value($0, "idVendor"))
        }
        guard !devices.isEmpty else { return Finding("usb", .good, "no USRP on USB") }
        let closed = devices.compactMap { device -> String? in
            guard let bus = Int(value(device, "busnum")), let number = Int(value(device, "devnum")) else {
                return nil
            }
            func three(_ value: Int) -> String {
                String(repeating: "0", count: max(0, 3 - "\(value)".count)) + "\(value)"
            }
            let node = "/dev/bus/usb/\(three(bus))/\(three(number))"
            return FileManager.default.isWritableFile(atPath: node) ? nil : node
        }
        let slow = devices.filter { (Double(value($0, "speed")) ?? 5000) < 5000 }
        if !closed.isEmpty {
            return Finding(
                "usb", .warning, "this user may not open \(closed.joined(separator: ", "))",
                advice:
                    "install udev rules (uhd-host brings them), join the group usrp, and plug the device in again"
            )
        }
        return Finding(
            "usb", slow.isEmpty ? .good : .warning, "\(devices.count) USRP on USB",
            advice: slow.isEmpty ? nil : "it runs at USB 2 speed: use a USB 3 port and cable")
    }
}
