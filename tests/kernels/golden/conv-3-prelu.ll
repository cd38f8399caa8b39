define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  %v9 = getelementptr float, ptr %post, i64 2
  %v10 = load float, ptr %v9, align 4
  %v11 = insertelement <4 x float> poison, float %v10, i64 0
  %v12 = shufflevector <4 x float> %v11, <4 x float> poison, <4 x i32> zeroinitializer
  %v13 = getelementptr float, ptr %post, i64 3
  %v14 = load float, ptr %v13, align 4
  %v15 = insertelement <4 x float> poison, float %v14, i64 0
  %v16 = shufflevector <4 x float> %v15, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v17 = icmp sgt i64 %pairs, 0
  br i1 %v17, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_0_1 = phi <4 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %a1_0_0 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %a1_0_1 = phi <4 x float> [%v8, %enter], [%a1_0_1.next, %body]
  %v18 = getelementptr float, ptr %wp, i64 1024
  %v19 = getelementptr float, ptr %v18, i64 0
  call void @llvm.prefetch.p0(ptr %v19, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v20 = getelementptr float, ptr %wp, i64 0
  %v21 = load float, ptr %v20, align 4
  %v22 = insertelement <4 x float> poison, float %v21, i64 0
  %v23 = shufflevector <4 x float> %v22, <4 x float> poison, <4 x i32> zeroinitializer
  %v24 = getelementptr float, ptr %wp, i64 1
  %v25 = load float, ptr %v24, align 4
  %v26 = insertelement <4 x float> poison, float %v25, i64 0
  %v27 = shufflevector <4 x float> %v26, <4 x float> poison, <4 x i32> zeroinitializer
  %v28 = getelementptr float, ptr %xp, i64 0
  %v29 = load <4 x float>, ptr %v28, align 4
  %v30 = getelementptr float, ptr %xp, i64 4
  %v31 = load <4 x float>, ptr %v30, align 4
  %v32 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v29, <4 x float> %v23, <4 x float> %a0_0_0)
  %v33 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v29, <4 x float> %v27, <4 x float> %a1_0_0)
  %v34 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v31, <4 x float> %v23, <4 x float> %a0_0_1)
  %v35 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v31, <4 x float> %v27, <4 x float> %a1_0_1)
  call void @llvm.codeview.annotation(metadata !0)
  %v36 = getelementptr float, ptr %wp, i64 2
  %v37 = load float, ptr %v36, align 4
  %v38 = insertelement <4 x float> poison, float %v37, i64 0
  %v39 = shufflevector <4 x float> %v38, <4 x float> poison, <4 x i32> zeroinitializer
  %v40 = getelementptr float, ptr %wp, i64 3
  %v41 = load float, ptr %v40, align 4
  %v42 = insertelement <4 x float> poison, float %v41, i64 0
  %v43 = shufflevector <4 x float> %v42, <4 x float> poison, <4 x i32> zeroinitializer
  %v44 = getelementptr float, ptr %xp, i64 1
  %v45 = load <4 x float>, ptr %v44, align 4
  %v46 = getelementptr float, ptr %xp, i64 5
  %v47 = load <4 x float>, ptr %v46, align 4
  %v48 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v45, <4 x float> %v39, <4 x float> %v32)
  %v49 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v45, <4 x float> %v43, <4 x float> %v33)
  %v50 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v47, <4 x float> %v39, <4 x float> %v34)
  %v51 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v47, <4 x float> %v43, <4 x float> %v35)
  call void @llvm.codeview.annotation(metadata !0)
  %v52 = getelementptr float, ptr %wp, i64 4
  %v53 = load float, ptr %v52, align 4
  %v54 = insertelement <4 x float> poison, float %v53, i64 0
  %v55 = shufflevector <4 x float> %v54, <4 x float> poison, <4 x i32> zeroinitializer
  %v56 = getelementptr float, ptr %wp, i64 5
  %v57 = load float, ptr %v56, align 4
  %v58 = insertelement <4 x float> poison, float %v57, i64 0
  %v59 = shufflevector <4 x float> %v58, <4 x float> poison, <4 x i32> zeroinitializer
  %v60 = getelementptr float, ptr %xp, i64 2
  %v61 = load <4 x float>, ptr %v60, align 4
  %v62 = getelementptr float, ptr %xp, i64 6
  %v63 = load <4 x float>, ptr %v62, align 4
  %v64 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v61, <4 x float> %v55, <4 x float> %v48)
  %v65 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v61, <4 x float> %v59, <4 x float> %v49)
  %v66 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v63, <4 x float> %v55, <4 x float> %v50)
  %v67 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v63, <4 x float> %v59, <4 x float> %v51)
  %a0_0_0.next = bitcast <4 x float> %v64 to <4 x float>
  %a0_0_1.next = bitcast <4 x float> %v66 to <4 x float>
  %a1_0_0.next = bitcast <4 x float> %v65 to <4 x float>
  %a1_0_1.next = bitcast <4 x float> %v67 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 6
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v68 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v69 = phi <4 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %v70 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v71 = phi <4 x float> [%v8, %enter], [%a1_0_1.next, %body]
  %v72 = fcmp olt <4 x float> %v68, zeroinitializer
  %v73 = fmul <4 x float> %v68, %v12
  %v74 = select <4 x i1> %v72, <4 x float> %v73, <4 x float> %v68
  %v75 = fcmp olt <4 x float> %v69, zeroinitializer
  %v76 = fmul <4 x float> %v69, %v12
  %v77 = select <4 x i1> %v75, <4 x float> %v76, <4 x float> %v69
  %v78 = fcmp olt <4 x float> %v70, zeroinitializer
  %v79 = fmul <4 x float> %v70, %v16
  %v80 = select <4 x i1> %v78, <4 x float> %v79, <4 x float> %v70
  %v81 = fcmp olt <4 x float> %v71, zeroinitializer
  %v82 = fmul <4 x float> %v71, %v16
  %v83 = select <4 x i1> %v81, <4 x float> %v82, <4 x float> %v71
  %v84 = mul i64 %y_channel, 0
  %v85 = getelementptr float, ptr %y, i64 %v84
  %v86 = mul i64 %y_channel, 1
  %v87 = getelementptr float, ptr %y, i64 %v86
  %v88 = icmp sle i64 %low, 0
  %v89 = icmp sge i64 %high, 8
  %v90 = and i1 %v88, %v89
  br i1 %v90, label %plain, label %masked
plain:
  %v91 = getelementptr float, ptr %v85, i64 0
  store <4 x float> %v74, ptr %v91, align 4
  %v92 = getelementptr float, ptr %v85, i64 4
  store <4 x float> %v77, ptr %v92, align 4
  %v93 = getelementptr float, ptr %v87, i64 0
  store <4 x float> %v80, ptr %v93, align 4
  %v94 = getelementptr float, ptr %v87, i64 4
  store <4 x float> %v83, ptr %v94, align 4
  br label %end
masked:
  %v95 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v96 = shufflevector <4 x i64> %v95, <4 x i64> poison, <4 x i32> zeroinitializer
  %v97 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v96
  %v98 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v99 = shufflevector <4 x i64> %v98, <4 x i64> poison, <4 x i32> zeroinitializer
  %v100 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v99
  %v101 = and <4 x i1> %v97, %v100
  %v102 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v103 = shufflevector <4 x i64> %v102, <4 x i64> poison, <4 x i32> zeroinitializer
  %v104 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v103
  %v105 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v106 = shufflevector <4 x i64> %v105, <4 x i64> poison, <4 x i32> zeroinitializer
  %v107 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v106
  %v108 = and <4 x i1> %v104, %v107
  %v109 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v110 = shufflevector <4 x i64> %v109, <4 x i64> poison, <4 x i32> zeroinitializer
  %v111 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v110
  %v112 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v113 = shufflevector <4 x i64> %v112, <4 x i64> poison, <4 x i32> zeroinitializer
  %v114 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v113
  %v115 = and <4 x i1> %v111, %v114
  %v116 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v117 = shufflevector <4 x i64> %v116, <4 x i64> poison, <4 x i32> zeroinitializer
  %v118 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v117
  %v119 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v120 = shufflevector <4 x i64> %v119, <4 x i64> poison, <4 x i32> zeroinitializer
  %v121 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v120
  %v122 = and <4 x i1> %v118, %v121
  %v123 = getelementptr float, ptr %v85, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v74, ptr %v123, i32 4, <4 x i1> %v115)
  %v124 = getelementptr float, ptr %v85, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v77, ptr %v124, i32 4, <4 x i1> %v122)
  %v125 = getelementptr float, ptr %v87, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v80, ptr %v125, i32 4, <4 x i1> %v115)
  %v126 = getelementptr float, ptr %v87, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v83, ptr %v126, i32 4, <4 x i1> %v122)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
